import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

/** An error of a field: the rule it broke and the way out. What was typed stays. */
export interface FieldError {
  readonly rule: string;
  readonly wayOut?: string | undefined;
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly name: string;
  readonly type?: 'text' | 'password' | 'date';
  /** Of a date. */
  readonly min?: string;
  readonly max?: string;
  readonly hint?: string;
  readonly error?: FieldError | undefined;
  readonly inputMode?: 'text' | 'numeric';
  readonly autoComplete?: string;
  readonly maxLength?: number;
  readonly prefix?: string;
  readonly suffix?: ComponentChildren;
  readonly isLarge?: boolean;
  readonly hasFocus?: boolean;
  readonly isReadOnly?: boolean;
  /** Applied to what is typed before it is kept or shown, e.g. digits only, grouped. */
  readonly clean?: (text: string) => string;
  readonly onBlur?: () => void;
}

/** A labelled input. The error stands under the field it belongs to, is tied to it for screen readers, and never empties it. */
export function Field(props: FieldProps) {
  const id = useId();
  const described = [props.error ? `${id}-error` : '', props.hint ? `${id}-hint` : '']
    .filter(Boolean)
    .join(' ');
  return (
    <div class={`field${props.error ? ' has-error' : ''}${props.isLarge ? ' field-large' : ''}`}>
      <label for={id}>{props.label}</label>
      <div class="field-box">
        {props.prefix && (
          <span class="field-prefix" aria-hidden="true">
            {props.prefix}
          </span>
        )}
        <input
          id={id}
          name={props.name}
          // Preact's types want one literal per kind of input; all of ours are boxes that hold text.
          type={(props.type ?? 'text') as 'text'}
          value={props.value}
          inputMode={props.inputMode}
          autoComplete={props.autoComplete ?? 'off'}
          autoCapitalize="none"
          spellcheck={false}
          maxLength={props.maxLength}
          min={props.min}
          max={props.max}
          readOnly={props.isReadOnly}
          aria-invalid={props.error ? 'true' : undefined}
          aria-describedby={described || undefined}
          ref={(element) => {
            if (props.hasFocus && element && !element.dataset['focused']) {
              element.dataset['focused'] = 'yes';
              element.focus({ preventScroll: true });
            }
          }}
          onInput={(event) => {
            const input = event.currentTarget;
            if (props.clean) input.value = props.clean(input.value);
            props.onInput(input.value);
          }}
          onBlur={props.onBlur}
        />
        {props.suffix}
      </div>
      {props.hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          <strong>{props.error.rule}</strong>
          {props.error.wayOut ? ` ${props.error.wayOut}` : ''}
        </p>
      )}
    </div>
  );
}
