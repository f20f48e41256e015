/** The API page's example: reply to a message. */

import { client } from './client.js';

const response = await client.messages.send({
instanceId: 'inst_abc123',
to: '5511999999999',
message: 'Thanks for your question! Here is the answer...',
quotedMessageId: 'msg_original123'
});

console.log(response);
