/** Why an input, or a whole request, is refused: a response code, and the property it is about. */
export class Refused extends Error {
  readonly code: string;
  readonly property: string | undefined;

  constructor(code: string, property?: string) {
    super(code);
    this.code = code;
    this.property = property;
  }
}
