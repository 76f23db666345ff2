/** Words the content is made of. */
export const givenNames = ['Anna', 'Björn', 'Carla', 'Dmitri', 'Élodie', 'Frank', 'Grace', 'Hiro', 'Ines', 'Jörg'];
export const surnames = [
  'Albrecht',
  'Berger',
  'Castillo',
  'Dupont',
  'Ekström',
  "O'Hara",
  'Petrov',
  'Sato',
  'Weiß',
  'Young',
];
export const companies = [
  'Northwind',
  'Müller & Söhne',
  'Contoso',
  'Fabrikam <Labs>',
  'Adatum',
  'Litware',
  'Trey Research',
];
export const jobTitles = ['Buyer', 'Head of Purchasing', 'Managing Director', 'Engineer', 'Service Manager'];
export const streets = ['Hauptstraße', 'Invalidenstraße', 'Market Street', 'Rue de Rivoli', 'Kirchweg'];
export const cities = ['Berlin', 'Hamburg', 'München', 'Köln', 'Leipzig'];
export const rooms = ['Room 1', 'Room 12, 3rd floor', 'At the customer', 'Videokonferenz'];
export const topics = [
  'Quarterly review with',
  'Offer for',
  'Call',
  'Site visit at',
  'Angebotsbesprechung',
  'Follow up',
];
export const notes = [
  'Asked for the new price list and the delivery times of last quarter.',
  'Met at the fair; interested in the maintenance contract, decides in spring.',
  'Rückruf vereinbart, Ansprechpartner im Einkauf hat gewechselt.',
  'Contract runs until the end of the year; discount of 5 % agreed.',
  'Prefers e-mail over telephone & does not want the newsletter.',
];
