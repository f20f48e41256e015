/** Send buttons that people answer with a tap. */

import { client } from './client.js';

const response = await client.messages.send({
  instanceId: 'inst_abc123',
  to: '5511999999999',
  interactive: {
    type: 'button',
    body: { text: 'Is tomorrow at 10 fine?' },
    action: {
      buttons: [
        { type: 'reply', reply: { id: 'yes', title: 'Yes' } },
        { type: 'reply', reply: { id: 'other', title: 'Another time' } }
      ]
    }
  }
});

console.log(response);
