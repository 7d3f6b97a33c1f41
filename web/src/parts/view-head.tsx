/** A view's heading, what it is for, and its controls. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface Properties {
  title: string;
  about: string;
  children?: ComponentChildren;
}

export function ViewHead({ title, about, children }: Properties) {
  useEffect(() => {
    document.title = `${title} · Mien`;
  }, [title]);
  return (
    <div class="view-head">
      <div>
        <h1>{title}</h1>
        <p>{about}</p>
      </div>
      {children}
    </div>
  );
}
