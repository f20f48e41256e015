// Creates an account with an API key, a connected instance and a webhook: `node seed.js JSON`.

import { hashOf } from './accounts.js';
import { database, transaction } from './database.js';
import { encrypt } from './encryption.js';

const { account, credits, requestsPerMinute, apiKey, instance, numberId, accessToken, webhook } = JSON.parse(process.argv[2]!);
const events = ['sent', 'delivered', 'read', 'failed'].map((status) => `message.${status}`);
await transaction(async (client) => {
  await client.query('INSERT INTO accounts VALUES ($1, $2, $3)', [account, requestsPerMinute, credits]);
  await client.query('INSERT INTO api_keys VALUES ($1, $2, $3, $4)', [
    `key_${account}`,
    hashOf(apiKey),
    account,
    ['messages:read', 'messages:write'],
  ]);
  await client.query('INSERT INTO instances VALUES ($1, $2, $3, $4)', [instance, account, numberId, encrypt(accessToken, instance)]);
  const secret = encrypt(webhook.secret, webhook.id);
  await client.query('INSERT INTO webhooks VALUES ($1, $2, $3, $4, $5)', [webhook.id, instance, webhook.url, secret, events]);
});
await database.end();
