/** What charts show, in words and figures: a row for each track. */

import { percent } from "../labels";
import { clock } from "./clock";
import { summaryOf, type TrackSeries } from "./series";

interface Properties {
  tracks: TrackSeries[];
}

const NAMED = 3;

export function TrackTable({ tracks }: Properties) {
  return (
    <details class="track-table">
      <summary>The same as a table</summary>
      <div class="scroller">
        <table>
          <caption class="visually-hidden">
            Expressions shown by each face that was followed
          </caption>
          <thead>
            <tr>
              <th scope="col">Face</th>
              <th scope="col">Seen</th>
              <th scope="col">Shown most of that time</th>
              <th scope="col">Most probable on average</th>
            </tr>
          </thead>
          <tbody>
            {tracks.map((series) => (
              <Row key={series.track} series={series} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Row({ series }: { series: TrackSeries }) {
  const { track, from, to, shares } = summaryOf(series);
  const shown = shares.filter((share) => share.shown > 0).slice(0, NAMED);
  const likely = shares.toSorted((one, other) => other.mean - one.mean)[0];
  return (
    <tr>
      <th scope="row">#{track}</th>
      <td>
        {clock(from, true)} to {clock(to, true)}
      </td>
      <td>{shown.map((share) => `${share.label} ${percent(share.shown)}`).join(", ")}</td>
      <td>{likely ? `${likely.label} ${percent(likely.mean)}` : ""}</td>
    </tr>
  );
}
