/** The client of the examples: where the API is and its key come from the environment. */

import { Pombo } from '@pombo/client';

export const client = new Pombo({
  apiKey: process.env['POMBO_API_KEY'] ?? '',
  baseUrl: process.env['POMBO_BASE_URL'] ?? 'http://127.0.0.1:3000',
});
