/** Which face's chart is shown, where several were followed. */

import { clock } from "./clock";
import type { TrackSeries } from "./series";

interface Properties {
  tracks: readonly TrackSeries[];
  shown: TrackSeries | undefined;
  onChoose: (track: number) => void;
}

export function TrackPicker({ tracks, shown, onChoose }: Properties) {
  return tracks.length > 1 ? (
    <label class="beside">
      Face
      <select
        value={shown?.track}
        onChange={(event) => onChoose(Number(event.currentTarget.value))}
      >
        {tracks.map(({ track, times }) => (
          <option key={track} value={track}>
            #{track}, {clock(times[0] ?? 0)} to {clock(times.at(-1) ?? 0)}
          </option>
        ))}
      </select>
    </label>
  ) : null;
}
