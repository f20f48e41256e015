/** Send a place on the map. */

import { client } from './client.js';

const response = await client.messages.send({
  instanceId: 'inst_abc123',
  to: '5511999999999',
  location: { latitude: -23.5614, longitude: -46.6559, name: 'Museum', address: 'Avenida Paulista 1578' }
});

console.log(response);
