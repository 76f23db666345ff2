import { tagged } from '../../../truth/properties.ts';

/** PR_INTERNET_CONTENT: the MIME text an item was made of. */
export const internetContent = tagged<Uint8Array>(0x6659, 'Binary');
