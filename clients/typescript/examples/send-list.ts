/** Send a menu. */

import { client } from './client.js';

const response = await client.messages.send({
  instanceId: 'inst_abc123',
  to: '5511999999999',
  interactive: {
    type: 'list',
    body: { text: 'What can we help you with?' },
    action: {
      button: 'Topics',
      sections: [
        {
          title: 'Orders',
          rows: [
            { id: 'track', title: 'Track an order', description: 'Where it is now' },
            { id: 'return', title: 'Return an item' }
          ]
        }
      ]
    }
  }
});

console.log(response);
