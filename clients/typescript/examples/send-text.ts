/** The API page's example: send a text message. */

import { client } from './client.js';

const response = await client.messages.send({
instanceId: 'inst_abc123',
to: '5511999999999',
message: 'Hello! How can I help you today?'
});

console.log(response);
