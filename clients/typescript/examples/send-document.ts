/** The API page's example: send a document. */

import { client } from './client.js';

const response = await client.messages.send({
instanceId: 'inst_abc123',
to: '5511999999999',
mediaUrl: 'https://example.com/invoice.pdf',
mediaType: 'document',
filename: 'Invoice-2026-001.pdf',
caption: 'Here is your invoice'
});

console.log(response);
