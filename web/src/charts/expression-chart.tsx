/** A track's expressions over time: a line each, a head that moves with the video, seeking. */

import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { clock } from "./clock";
import { Legend } from "./legend";
import type { uPlot } from "./plot";
import { indexAt, type TrackSeries } from "./series";
import { useHidden, useShownLines } from "./use-hidden";
import { usePlot } from "./use-plot";

interface Properties {
  series: TrackSeries;
  /** The seconds from which to which the chart goes. */
  range: [number, number];
  /** Where the playback is, in seconds, if something is played. */
  time?: Signal<number>;
  onSeek?: (seconds: number) => void;
}

const HEIGHT = 240;
const STEP = 1;
const LEAP = 10;

export function ExpressionChart({ series, range, time, onSeek }: Properties) {
  const place = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const { labels, times, values } = series;
  const key = `${series.track} ${range} ${times.length} ${labels}`;
  const chart = usePlot(place, key, {
    labels,
    data: [times, ...values],
    height: HEIGHT,
    range: () => range,
    onHover: setHovered,
  });
  const hiding = useHidden();
  useShownLines(chart, labels, hiding.hidden);

  useEffect(() => {
    if (!chart || !time) {
      return;
    }
    const head = document.createElement("div");
    head.className = "playhead";
    chart.over.append(head);
    const stop = time.subscribe((at) => {
      head.style.transform = `translateX(${chart.valToPos(at, "x")}px)`;
    });
    return () => {
      stop();
      head.remove();
    };
  }, [chart, time]);

  const at = hovered ?? time?.value ?? null;
  const index = at === null ? -1 : indexAt(times, at);
  return (
    <figure class="chart">
      <Legend
        labels={labels}
        {...(index < 0 ? {} : { values: values.map((column) => column[index]) })}
        {...hiding}
      />
      {onSeek && time ? (
        <Seeker range={range} time={time} onSeek={onSeek} chart={chart}>
          <div ref={place} class="plot" />
        </Seeker>
      ) : (
        <div ref={place} class="plot" />
      )}
    </figure>
  );
}

interface Seeking {
  range: [number, number];
  time: Signal<number>;
  onSeek: (seconds: number) => void;
  chart: uPlot | null;
  children: preact.ComponentChildren;
}

function Seeker({ range, time, onSeek, chart, children }: Seeking) {
  const [from, to] = range;
  const now = time.value;
  const seek = (seconds: number) => onSeek(Math.min(Math.max(seconds, from), to));
  const point = (event: PointerEvent) => {
    const area = chart?.over.getBoundingClientRect();
    if (chart && area) {
      seek(chart.posToVal(event.clientX - area.left, "x"));
    }
  };
  const keys: Record<string, number> = {
    ArrowLeft: now - STEP,
    ArrowDown: now - STEP,
    ArrowRight: now + STEP,
    ArrowUp: now + STEP,
    PageDown: now - LEAP,
    PageUp: now + LEAP,
    Home: from,
    End: to,
  };
  return (
    <div
      class="seeker"
      role="slider"
      tabIndex={0}
      aria-label="Time in the video"
      aria-valuemin={round(from)}
      aria-valuemax={round(to)}
      aria-valuenow={round(Math.min(Math.max(now, from), to))}
      aria-valuetext={clock(now, true)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        point(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && point(event)}
      onKeyDown={(event) => {
        const wanted = keys[event.key];
        if (wanted !== undefined) {
          event.preventDefault();
          seek(wanted);
        }
      }}
    >
      {children}
    </div>
  );
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;
