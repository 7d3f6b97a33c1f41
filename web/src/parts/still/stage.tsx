/** A picture as large as there is room for, and whatever lies over it. */

import { ImageOff } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Picture } from "../../state/pictures";
import type { Size } from "./label-places";

interface Properties {
  picture: Picture;
  /** Of the upright picture; the browser's own idea of it holds where it is not known yet. */
  size: Size | null;
  busy: boolean;
  /** What lies over the picture, given the size it is shown at in CSS pixels. */
  children: (shown: Size) => ComponentChildren;
}

export function Stage({ picture, size, busy, children }: Properties) {
  const [natural, setNatural] = useState<(Size & { url: string }) | null>(null);
  const [unreadable, setUnreadable] = useState("");
  const over = useRef<HTMLDivElement>(null);
  const shown = useSize(over);
  const known = size ?? (natural?.url === picture.url ? natural : null);

  if (unreadable === picture.url) {
    return (
      <div class="photo empty">
        <ImageOff aria-hidden="true" />
        <p>This browser cannot show the file as a picture.</p>
      </div>
    );
  }
  return (
    <div class="photo" aria-busy={busy ? "true" : undefined}>
      <div
        class={known ? "canvas" : "canvas unsized"}
        style={known ? { "--ratio": known.width / known.height } : {}}
      >
        <img
          src={picture.url}
          alt={picture.file.name}
          onLoad={(event) => {
            const { naturalWidth: width, naturalHeight: height } = event.currentTarget;
            setNatural({ width, height, url: picture.url });
          }}
          onError={() => setUnreadable(picture.url)}
        />
        <div ref={over} class="over">
          {shown && children(shown)}
        </div>
      </div>
    </div>
  );
}

function useSize(of: { current: HTMLElement | null }): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  const watched = useRef<HTMLElement | null>(null);
  const observer = useRef<ResizeObserver | null>(null);
  useLayoutEffect(() => {
    if (watched.current === of.current) {
      return;
    }
    observer.current?.disconnect();
    watched.current = of.current;
    if (of.current) {
      observer.current = new ResizeObserver(([entry]) => {
        if (entry) {
          const { width, height } = entry.contentRect;
          setSize({ width, height });
        }
      });
      observer.current.observe(of.current);
    }
  });
  useLayoutEffect(() => () => observer.current?.disconnect(), []);
  return size;
}
