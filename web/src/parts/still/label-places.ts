/** Where the labels of faces go, so that they stay in the picture and off each other. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Place {
  readonly left: number;
  readonly top: number;
}

export type Area = Place & Size;

export interface LabelPlace extends Place {
  /** No room is left: better shown only while its face is looked at. */
  readonly crowded: boolean;
}

// How much of a label may lie on others before it is more confusing than helpful.
const MOST_COVERED = 0.3;
// And how much of the face itself.
const MOST_HIDDEN = 0.6;

/**
 * A place for each label, in the order of the boxes: over the box where there is room.
 *
 * All in the same unit; `room` is the picture.
 */
export function placeLabels(
  boxes: readonly Area[],
  labels: readonly Size[],
  room: Size,
): readonly LabelPlace[] {
  const taken: Area[] = [];
  return boxes.map((box, index) => {
    const label = labels[index] ?? { width: 0, height: 0 };
    const others = boxes.filter((other) => other !== box);
    const best = candidates(box, label, room)
      .map((place) => ({ ...place, ...label }))
      .map((area) => ({
        ...area,
        cost: 4 * covered(area, taken) + covered(area, others) + shared(area, box) / 2,
      }))
      .reduce((one, other) => (other.cost < one.cost ? other : one));
    const cramped = 4 * covered(best, taken) + covered(best, others);
    const hidden = shared(best, box) > MOST_HIDDEN * box.width * box.height;
    const crowded = hidden || cramped > MOST_COVERED * label.width * label.height;
    if (!crowded) {
      taken.push(best);
    }
    return { left: best.left, top: best.top, crowded };
  });
}

// In order of preference; the last ones lie inside the box and always remain.
function candidates(box: Area, label: Size, room: Size): readonly Place[] {
  const right = box.left + box.width - label.width;
  const over = box.top - label.height;
  const under = box.top + box.height;
  const foot = under - label.height;
  const outside = [
    { left: box.left, top: over },
    { left: right, top: over },
    { left: box.left, top: under },
    { left: right, top: under },
  ].filter(({ top }) => top >= 0 && top + label.height <= room.height);
  const inside = [
    { left: box.left, top: box.top },
    { left: box.left, top: foot },
  ];
  return [...outside, ...inside].map(({ left, top }) => ({
    left: clamp(left, room.width - label.width),
    top: clamp(top, room.height - label.height),
  }));
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));

function covered(area: Area, others: readonly Area[]): number {
  return others.reduce((sum, other) => sum + shared(area, other), 0);
}

function shared(one: Area, other: Area): number {
  const width =
    Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  const height =
    Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
  return Math.max(0, width) * Math.max(0, height);
}
