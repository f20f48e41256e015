/** An account as the operator has it: plan, credits, keys, and the erasure of a person. */
import { html, useState } from '../vendor/htm-preact.js';
import { call, get, newIdempotencyKey } from '../lib/api.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useAction, useLoad } from '../lib/load.js';
import { go } from '../lib/router.js';
import { changeSession, session } from '../lib/session.js';
import { visibleInstances } from '../lib/sign_in.js';
import { Fact, Head, Loaded, Problem, Status, Time } from '../parts/basics.js';
import { ask, notify } from '../parts/dialogs.js';
import { Check, Field, Form, useFields } from '../parts/forms.js';
import { EraseForm } from './account_erasure.js';
import { Keys } from './account_keys.js';

const PLANS = /** @type {[string, string][]} */ (['free', 'starter', 'pro', 'enterprise'].map((plan) => [plan, plan]));

/** @param {string} text */
const wholeNumber = (text) => (text.trim() ? Number(text) : undefined);

/** @param {{ id: string }} props */
export function AccountPage({ id }) {
  const path = `/v1/admin/accounts/${encodeURIComponent(id)}`;
  const account = useLoad((signal) => get(path, {}, signal).then(({ data }) => data), [id]);
  const found = account.data;
  const looked = useAction(async () => {
    const key = session.get()?.key ?? '';
    const instances = await visibleInstances(key, { accountId: id });
    changeSession({ account: found, instances, instanceId: instances[0]?.id });
    go(['overview']);
  });
  return html`
    <${Head} title=${found?.name ?? t('Account')} back="#/operator">
      ${found && found.status !== 'closed' && html`<button type="button" class="primary" disabled=${looked.isBusy} onClick=${() => looked.run()}>${t('Look at what it has')}</button>`}
    <//>
    <${Problem} error=${looked.error} />
    <${Loaded} of=${account}>${found && html`
      <section class="card"><dl class="facts">
        <${Fact} name=${t('Credits')}>${number(found.credits)}<//>
        <${Fact} name=${t('Plan')}>${found.plan}<//>
        <${Fact} name=${t('Requests a minute')}>${number(found.requestsPerMinute)}<//>
        <${Fact} name=${t('Created')}><${Time} at=${found.createdAt} /><//>
        <${Fact} name=${t('Status')}><${Status} of=${found.status} /><//>
        <${Fact} name=${t('Account id')}><span class="mono">${found.id}</span><//>
      </dl></section>
      ${found.status === 'active' ? html`
        <div class="cards">
          <${PlanForm} path=${path} account=${found} reload=${account.reload} />
          <${CreditsForm} path=${path} reload=${account.reload} />
        </div>
        <${Keys} path=${path} />
        <${EraseForm} path=${path} />
      ` : html`<p class="hint">${found.status === 'closed' ? t('It is closed, and its data is deleted.') : t('It is being closed: its keys are refused, and its data is deleted. Step: {step}.', { step: found.closing?.step ?? '' })}</p>`}
    `}<//>
  `;
}

/** @param {{ path: string, account: any, reload: () => void }} props */
function PlanForm({ path, account, reload }) {
  const [form, change] = useFields({ name: account.name, plan: account.plan, requestsPerMinute: String(account.requestsPerMinute), trustOwnApp: account.trustOwnApp });
  const saved = useAction(async () => {
    const { requestsPerMinute, ...rest } = form;
    await call('PATCH', path, { body: { ...rest, ...(form.plan === 'enterprise' && { requestsPerMinute: wholeNumber(requestsPerMinute) }) } });
    notify(t('Saved'));
    reload();
  });
  return html`
    <section class="card"><h2>${t('Plan')}</h2>
      <${Form} action=${saved} submit=${t('Save')} isQuiet fields=${['name', 'plan', 'requestsPerMinute']}>
        <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${saved.error} />
        <${Field} as="select" label=${t('Plan')} name="plan" value=${form.plan} onInput=${change('plan')} error=${saved.error} options=${PLANS} />
        ${form.plan === 'enterprise' && html`<${Field} label=${t('Requests a minute')} name="requestsPerMinute" inputmode="numeric" value=${form.requestsPerMinute} onInput=${change('requestsPerMinute')} error=${saved.error} />`}
        <${Check} label=${t('Callbacks signed by its own app may change credits')} checked=${form.trustOwnApp} onChange=${change('trustOwnApp')} />
      <//>
    </section>
  `;
}

/** @param {{ path: string, reload: () => void }} props */
function CreditsForm({ path, reload }) {
  const [amount, setAmount] = useState('');
  const granted = useAction(async () => {
    const [value, idempotencyKey] = [wholeNumber(amount), newIdempotencyKey()];
    ask({
      title: t('Change the credits?'), action: t('Change the credits'),
      text: (value ?? 0) < 0 ? t('{n} credits are taken back, but never below zero.', { n: number(-(value ?? 0)) }) : t('{n} credits are granted.', { n: number(value ?? 0) }),
      run: async () => {
        const { data } = await call('POST', `${path}/credits`, { body: { amount: value }, idempotencyKey });
        notify(t('The account has {n} credits', { n: number(data.credits) }));
        setAmount('');
        reload();
      },
    });
  });
  return html`
    <section class="card"><h2>${t('Credits')}</h2>
      <${Form} action=${granted} submit=${t('Change the credits')} isQuiet>
        <${Field} label=${t('Amount')} name="amount" inputmode="numeric" value=${amount} onInput=${setAmount} hint=${t('A negative amount takes credits back.')} />
      <//>
    </section>
  `;
}

export function CreateAccount() {
  const [form, change] = useFields({ name: '', plan: 'starter', credits: '1000', requestsPerMinute: '' });
  const created = useAction(async () => {
    const body = { name: form.name, plan: form.plan, credits: wholeNumber(form.credits), ...(form.plan === 'enterprise' && { requestsPerMinute: wholeNumber(form.requestsPerMinute) }) };
    const { data } = await call('POST', '/v1/admin/accounts', { body });
    go(['operator', 'accounts', data.id]);
  });
  return html`
    <${Head} title=${t('Create an account')} back="#/operator" />
    <div class="card form">
      <${Form} action=${created} submit=${t('Create an account')} fields=${['name', 'plan', 'credits', 'requestsPerMinute']}>
        <${Field} label=${t('Name')} name="name" value=${form.name} onInput=${change('name')} error=${created.error} />
        <div class="cards">
          <${Field} as="select" label=${t('Plan')} name="plan" value=${form.plan} onInput=${change('plan')} error=${created.error} options=${PLANS} />
          <${Field} label=${t('Credits')} name="credits" inputmode="numeric" value=${form.credits} onInput=${change('credits')} error=${created.error} />
          ${form.plan === 'enterprise' && html`<${Field} label=${t('Requests a minute')} name="requestsPerMinute" inputmode="numeric" value=${form.requestsPerMinute} onInput=${change('requestsPerMinute')} error=${created.error} />`}
        </div>
      <//>
    </div>
  `;
}
