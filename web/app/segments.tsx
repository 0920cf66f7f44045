/** A choice between a few words, side by side. */
export function Segments(props: {
  readonly label: string;
  readonly options: Readonly<Record<string, string>>;
  readonly chosen: string;
  readonly onChoose: (key: string) => void;
}) {
  return (
    <div class="field">
      <span class="field-label">{props.label}</span>
      <div class="segments segments-even" role="group" aria-label={props.label}>
        {Object.entries(props.options).map(([key, word]) => (
          <button
            key={key}
            type="button"
            aria-pressed={props.chosen === key}
            onClick={() => props.onChoose(key)}
          >
            {word}
          </button>
        ))}
      </div>
    </div>
  );
}
