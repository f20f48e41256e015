/** The client of one API with one key. */

import { Account } from './account.js';
import { Batches } from './batches.js';
import { Chats } from './chats.js';
import { Http, type Options } from './http.js';
import { Instances } from './instances.js';
import { Listeners } from './listeners.js';
import { MediaFiles } from './media.js';
import { Messages } from './messages.js';
import { StatisticsReader } from './statistics.js';
import { Templates } from './templates.js';
import { Webhooks } from './webhooks.js';

export class Pombo {
  readonly account: Account;
  readonly messages: Messages;
  readonly batches: Batches;
  readonly chats: Chats;
  readonly media: MediaFiles;
  readonly templates: Templates;
  readonly instances: Instances;
  readonly webhooks: Webhooks;
  readonly listeners: Listeners;
  readonly statistics: StatisticsReader;

  constructor(options: Options) {
    const http = new Http(options);
    this.account = new Account(http);
    this.messages = new Messages(http);
    this.batches = new Batches(http);
    this.chats = new Chats(http);
    this.media = new MediaFiles(http);
    this.templates = new Templates(http);
    this.instances = new Instances(http);
    this.webhooks = new Webhooks(http);
    this.listeners = new Listeners(http);
    this.statistics = new StatisticsReader(http);
  }
}
