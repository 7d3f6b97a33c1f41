/** One live figure: named for people and for tests, and not read out at each change. */

interface Properties {
  name: string;
  value: string;
  unit?: string;
}

export function Figure({ name, value, unit }: Properties) {
  return (
    <div class="figure">
      <span aria-hidden="true">{name}</span>
      <output aria-label={name} aria-live="off">
        {value}
        {unit && <small> {unit}</small>}
      </output>
    </div>
  );
}
