import type { ComponentChild, VNode } from "preact";
import { expect, test } from "vitest";
import { Markdown } from "../src/parts/still/markdown";

interface Element {
  type: string;
  props: Record<string, unknown>;
}

/** What a document becomes: its elements, and its text. */
function made(text: string): { elements: Element[]; text: string } {
  const elements: Element[] = [];
  const words: string[] = [];
  const walk = (node: ComponentChild | ComponentChild[]): void => {
    if (Array.isArray(node)) {
      node.forEach(walk);
    } else if (node !== null && typeof node === "object") {
      const { type, props } = node as VNode<Record<string, never>>;
      if (typeof type === "function") {
        walk((type as (given: unknown) => ComponentChild)(props));
      } else {
        elements.push({ type, props });
        walk(props.children as never);
      }
    } else if (typeof node === "string") {
      words.push(node);
    }
  };
  walk(Markdown({ text }));
  return { elements, text: words.join("") };
}

const types = (text: string) => made(text).elements.map(({ type }) => type);

test("a card's parts become elements", () => {
  expect(types("# A\n\none **two** `three`\n\n- four\n")).toEqual([
    "div",
    "h3",
    "p",
    "strong",
    "code",
    "ul",
    "li",
  ]);
  expect(types("| a | b |\n|---|---|\n| 1 | 2 |")).toContain("td");
});

test.each([
  "<script>alert(1)</script>",
  "<!-- figures: begin -->",
  "a <img src=x onerror=alert(1)> b",
  "![a picture](https://example.org/a.png)",
])("neither HTML nor pictures come in: %s", (text) => {
  const { elements } = made(text);
  expect(elements.every(({ type }) => type === "div" || type === "p")).toBe(true);
  expect(elements.some(({ props }) => "dangerouslySetInnerHTML" in props)).toBe(false);
});

test("only https is linked to, in a tab of its own", () => {
  const { elements, text } = made("[bad](javascript:alert(1)) [near](../README.md)");
  expect(elements.map(({ type }) => type)).not.toContain("a");
  expect(text).toContain("bad near");
  const link = made("[paper](https://example.org)").elements.find(({ type }) => type === "a");
  expect(link?.props).toMatchObject({ href: "https://example.org", target: "_blank" });
});
