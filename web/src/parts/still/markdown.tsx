/** Markdown as elements of the page. No HTML is ever made of it, so that none can be smuggled in. */

import { lexer, type MarkedToken, type Token, type Tokens } from "marked";
import type { ComponentChildren, JSX } from "preact";

/** A document, its headings two below their own rank; raw HTML and pictures are left out. */
export function Markdown({ text }: { text: string }) {
  return <div class="markdown">{setAll(lexer(text))}</div>;
}

const setAll = (tokens: readonly Token[]) =>
  tokens.map((token, key) => set(token as MarkedToken, key));

function set(token: MarkedToken, key: number): ComponentChildren {
  switch (token.type) {
    case "heading": {
      const Heading = `h${Math.min(token.depth + 2, 6)}` as keyof JSX.IntrinsicElements;
      return <Heading key={key}>{setAll(token.tokens)}</Heading>;
    }
    case "paragraph":
      return <p key={key}>{setAll(token.tokens)}</p>;
    case "text":
      return token.tokens ? setAll(token.tokens) : token.text;
    case "strong":
      return <strong key={key}>{setAll(token.tokens)}</strong>;
    case "em":
      return <em key={key}>{setAll(token.tokens)}</em>;
    case "del":
      return <del key={key}>{setAll(token.tokens)}</del>;
    case "codespan":
      return <code key={key}>{token.text}</code>;
    case "escape":
      return token.text;
    case "br":
      return <br key={key} />;
    case "hr":
      return <hr key={key} />;
    case "link":
      return <Link key={key} link={token} />;
    case "blockquote":
      return <blockquote key={key}>{setAll(token.tokens)}</blockquote>;
    case "list": {
      const List = token.ordered ? "ol" : "ul";
      return <List key={key}>{setAll(token.items)}</List>;
    }
    case "list_item":
      return <li key={key}>{setAll(token.tokens)}</li>;
    case "code":
      return (
        <Scrolled key={key} name="Code">
          <pre>
            <code>{token.text}</code>
          </pre>
        </Scrolled>
      );
    case "table":
      return <Table key={key} table={token} />;
    default:
      return null;
  }
}

// A card's other links lead to files that nobody serves.
function Link({ link }: { link: Tokens.Link }) {
  if (!link.href.startsWith("https://")) {
    return <>{setAll(link.tokens)}</>;
  }
  return (
    <a href={link.href} target="_blank" rel="noopener noreferrer">
      {setAll(link.tokens)}
    </a>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  return (
    <Scrolled name="Table">
      <table>
        <thead>
          <tr>
            {table.header.map((cell, place) => (
              <th key={place} scope="col">
                {setAll(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column}>{setAll(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

// What may be wider than the page scrolls by itself, by keyboard too.
function Scrolled({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <figure class="scrolled" aria-label={name} tabIndex={0}>
      {children}
    </figure>
  );
}
