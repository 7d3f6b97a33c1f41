/**
 * Where in the picture the square lies that the model saw of a face.
 *
 * The face detector places it (`mien_detector.alignment`), and no answer tells where; this is the
 * same arithmetic, held to the detector's by `tests/contract/test_page_frames.py`.
 */

import type { Box, CropShape, Landmarks, Point } from "../../api/schema";

/** A rectangle in the picture: its centre and size in pixels, turned clockwise by degrees. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly turn: number;
}

export interface Placed {
  readonly box: Box;
  readonly landmarks: Landmarks;
}

// A training face in parts of its frame's side.
const MEDIAN: Placed = {
  box: { x: 0.1, y: 0.03, width: 0.79, height: 0.99 },
  landmarks: {
    left_eye: { x: 0.315, y: 0.391 },
    right_eye: { x: 0.683, y: 0.387 },
    nose: { x: 0.499, y: 0.588 },
    left_mouth: { x: 0.346, y: 0.753 },
    right_mouth: { x: 0.657, y: 0.75 },
  },
};

/** What a model whose crops have that shape saw of a face. */
export function modelFrame(face: Placed, shape: Pick<CropShape, "height" | "width">): Frame {
  const side = sideOf(face);
  const turn = turnOf(face);
  const start = anchorOf(face);
  const usual = anchorOf(MEDIAN);
  const right = (0.5 - usual.x) * side;
  const down = (0.5 - usual.y) * side;
  const shorter = Math.min(shape.height, shape.width);
  return {
    x: start.x + right * Math.cos(turn) - down * Math.sin(turn),
    y: start.y + right * Math.sin(turn) + down * Math.cos(turn),
    width: (side * shape.width) / shorter,
    height: (side * shape.height) / shorter,
    turn: (turn * 180) / Math.PI,
  };
}

// The middle between the centre of the box and that of the landmarks.
function anchorOf(face: Placed): Point {
  const { box } = face;
  const centre = centreOf(face);
  return {
    x: (box.x + box.width / 2 + centre.x) / 2,
    y: (box.y + box.height / 2 + centre.y) / 2,
  };
}

// The geometric mean of what the landmarks say and what the box says.
function sideOf(face: Placed): number {
  const byLandmarks = spreadOf(face) / spreadOf(MEDIAN);
  const byBox = boxSize(face) / boxSize(MEDIAN);
  return Math.max(Math.sqrt(byLandmarks * byBox), 1);
}

// Radians, clockwise, that best take the median face's landmarks to these.
function turnOf(face: Placed): number {
  const from = armsOf(MEDIAN);
  const to = armsOf(face);
  let across = 0;
  let along = 0;
  from.forEach((a, place) => {
    const b = to[place] ?? a;
    across += a.x * b.y - a.y * b.x;
    along += a.x * b.x + a.y * b.y;
  });
  return Math.atan2(across, along);
}

function spreadOf(face: Placed): number {
  const arms = armsOf(face);
  return Math.sqrt(arms.reduce((sum, { x, y }) => sum + x * x + y * y, 0) / arms.length);
}

const boxSize = ({ box }: Placed) => Math.sqrt(box.width * box.height);

function armsOf(face: Placed): Point[] {
  const centre = centreOf(face);
  return pointsOf(face).map(({ x, y }) => ({ x: x - centre.x, y: y - centre.y }));
}

function centreOf(face: Placed): Point {
  const points = pointsOf(face);
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  return { x: mean((point) => point.x), y: mean((point) => point.y) };
}

function pointsOf({ landmarks }: Placed): Point[] {
  const { left_eye, right_eye, nose, left_mouth, right_mouth } = landmarks;
  return [left_eye, right_eye, nose, left_mouth, right_mouth];
}
