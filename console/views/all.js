/** The views, and who sees which. */
import { may, session } from '../lib/session.js';
import { Batches } from './batches.js';
import { Conversations } from './conversations.js';
import { InstancesView } from './instances.js';
import { Messages } from './messages.js';
import { Operator } from './operator.js';
import { Overview } from './overview.js';
import { Templates } from './templates.js';
import { Webhooks } from './webhooks.js';

/** @type {{ name: string, title: string, component: any, scope?: string, isOperators?: boolean }[]} */
const VIEWS = [
  { name: 'overview', title: 'Overview', component: Overview },
  { name: 'conversations', title: 'Conversations', component: Conversations, scope: 'messages:read' },
  { name: 'messages', title: 'Messages', component: Messages, scope: 'messages:read' },
  { name: 'batches', title: 'Batches', component: Batches, scope: 'messages:read' },
  { name: 'webhooks', title: 'Webhooks', component: Webhooks, scope: 'webhooks:read' },
  { name: 'templates', title: 'Templates', component: Templates, scope: 'messages:read' },
  { name: 'instances', title: 'Instances', component: InstancesView, scope: 'instances:read' },
  { name: 'operator', title: 'Operator', component: Operator, isOperators: true },
];

/** The views that the session's key may see. */
export const visibleViews = () =>
  VIEWS.filter(({ scope, isOperators }) => (isOperators ? session.get()?.isOperator : session.get()?.account && (!scope || may(scope))));

/** The view of this name, or the first that may be seen. @param {string} name */
export const viewNamed = (name) => visibleViews().find((view) => view.name === name) ?? visibleViews()[0] ?? VIEWS[0];
