/** The API page's example: send an image message. */

import { client } from './client.js';

const response = await client.messages.send({
instanceId: 'inst_abc123',
to: '5511999999999',
mediaUrl: 'https://example.com/image.jpg',
mediaType: 'image',
caption: 'Check out our new product!'
});

console.log(response);
