/** Upload a file, and send it by its id: WhatsApp has it before the message is sent. */

import { client } from './client.js';

const media = await client.media.upload({
  instanceId: 'inst_abc123',
  filename: 'Invoice-2026-001.pdf',
  mimeType: 'application/pdf',
  content: new Blob(['%PDF-1.7'])
});

const response = await client.messages.send({
  instanceId: 'inst_abc123',
  to: '5511999999999',
  mediaId: media.id,
  mediaType: 'document',
  caption: 'Here is your invoice'
});

console.log(response);
