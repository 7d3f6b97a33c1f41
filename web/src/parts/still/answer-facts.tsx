/** Who answered, from where, and how long it took. */

interface Properties {
  facts: readonly (readonly [name: string, value: string])[];
}

export function AnswerFacts({ facts }: Properties) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Milliseconds as people read them. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
