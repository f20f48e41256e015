// Ids of messages and requests.

import { randomBytes } from 'node:crypto';

export const newId = (prefix: string) => prefix + randomBytes(16).toString('base64url');
