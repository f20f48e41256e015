/** The client of one API with one key. */

import { Http, type Options } from './http.js';
import { Instances } from './instances.js';
import { MediaFiles } from './media.js';
import { Messages } from './messages.js';
import { Templates } from './templates.js';
import { Webhooks } from './webhooks.js';

export class Pombo {
  readonly messages: Messages;
  readonly media: MediaFiles;
  readonly templates: Templates;
  readonly instances: Instances;
  readonly webhooks: Webhooks;

  constructor(options: Options) {
    const http = new Http(options);
    this.messages = new Messages(http);
    this.media = new MediaFiles(http);
    this.templates = new Templates(http);
    this.instances = new Instances(http);
    this.webhooks = new Webhooks(http);
  }
}
