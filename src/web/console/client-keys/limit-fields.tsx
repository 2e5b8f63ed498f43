import { Area } from '../../forms/area.js';
import { Choice } from '../../forms/choice.js';
import { Field } from '../../forms/field.js';
import { type Fields, textOf } from '../../forms/fields.js';
import type { Problems } from '../../forms/problems.js';

export const LIMIT_FIELDS = [
  'limits.rpm',
  'limits.tpm',
  'limits.max_parallel',
  'limits.budget_usd',
  'limits.models',
] as const;

const NUMBERS = [
  ['limits.rpm', 'Requests a minute'],
  ['limits.tpm', 'Tokens a minute'],
  ['limits.max_parallel', 'Requests at once'],
] as const;

const PERIODS = [
  ['day', 'a day'],
  ['week', 'a week'],
  ['month', 'a month'],
] as const;

/** What a client key may use; whatever is left empty is not limited. */
export function LimitFields({ fields, problems }: { fields: Fields; problems?: Problems }) {
  return (
    <fieldset>
      <legend>Limits</legend>
      <p class="hint">All optional: what is empty is not limited.</p>
      <div class="fields top">
        {NUMBERS.map(([name, label]) => (
          <Field
            key={name}
            name={name}
            label={label}
            type="number"
            min={1}
            value={textOf(fields, name)}
            problems={problems}
          />
        ))}
      </div>
      <div class="fields top">
        <Field
          name="limits.budget_usd"
          label="Budget in USD"
          type="number"
          min={0.000001}
          step="any"
          value={textOf(fields, 'limits.budget_usd')}
          problems={problems}
        />
        <Choice
          name="limits.budget_period"
          label="for"
          value={textOf(fields, 'limits.budget_period') || 'month'}
          options={PERIODS}
        />
      </div>
      <Area
        name="limits.models"
        label="Models"
        hint="One in each line; * stands for anything: openai/*"
        rows={3}
        value={textOf(fields, 'limits.models')}
        problems={problems}
      />
    </fieldset>
  );
}
