/** An element of a parsed SVG document. */
export interface SvgNode {
  name: string;
  attributes: Record<string, string>;
  children: SvgNode[];
  /** The text directly inside, unescaped. */
  text: string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function unescape(text: string): string {
  const stray = /&(?!amp;|lt;|gt;|quot;|#39;)|[<>]/.exec(text);
  if (stray) throw new Error(`unescaped "${stray[0]}" in "${text.slice(0, 80)}"`);
  // eslint-disable-next-line no-control-regex
  const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u.exec(text);
  if (forbidden) throw new Error(`U+${forbidden[0].charCodeAt(0).toString(16)} is not allowed in XML`);
  return text.replace(/&(\w+|#39);/g, (_, entity: string) => ENTITIES[entity]);
}

/** Parses a document of the kind that src/plot writes; throws where it is not well-formed. */
export function parseSvg(markup: string): SvgNode {
  const root: SvgNode = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<(\/?)([a-z]\w*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (const match of markup.matchAll(token)) {
    const [whole, closing, name, attributes, selfClosing, text] = match;
    if (match.index !== at) break;
    at += whole.length;
    const parent = open.at(-1)!;
    if (text !== undefined) parent.text += unescape(text);
    else if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes <${parent.name}>`);
    } else {
      const node: SvgNode = { name, attributes: {}, children: [], text: '' };
      for (const [, key, value] of attributes.matchAll(/([\w:-]+)="([^"]*)"/g)) {
        if (key in node.attributes) throw new Error(`${key} twice in <${name}>`);
        node.attributes[key] = unescape(value);
      }
      parent.children.push(node);
      if (!selfClosing) open.push(node);
    }
  }
  if (at !== markup.length) throw new Error(`not well-formed at "${markup.slice(at, at + 80)}"`);
  if (open.length !== 1 || root.children.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  return root.children[0];
}

/** All elements of a tree with this name, in document order, the root included. */
export function allNamed(node: SvgNode, name: string): SvgNode[] {
  return [...(node.name === name ? [node] : []), ...node.children.flatMap((child) => allNamed(child, name))];
}

/** All elements that carry a class. */
export function allOfClass(node: SvgNode, className: string): SvgNode[] {
  const own = (node.attributes.class ?? '').split(' ').includes(className) ? [node] : [];
  return [...own, ...node.children.flatMap((child) => allOfClass(child, className))];
}

/** What is written in the picture, without titles, descriptions and styles. */
export function writtenTexts(node: SvgNode): string[] {
  return allNamed(node, 'text').map((text) => text.text);
}

/** A line of text as a box, by the picture's own estimate of its width. */
export interface TextBox {
  content: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The boxes of all horizontal texts; `widthOf` estimates the width of 12-pixel text. */
export function textBoxes(root: SvgNode, widthOf: (text: string) => number): TextBox[] {
  const boxes: TextBox[] = [];
  const visit = (node: SvgNode, inherited: string): void => {
    const anchor = node.attributes['text-anchor'] ?? inherited;
    if (node.name === 'text' && !node.attributes.transform && !node.attributes.class?.includes('title')) {
      const [x, y, width] = [Number(node.attributes.x), Number(node.attributes.y), widthOf(node.text)];
      const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
      boxes.push({ content: node.text, left, right: left + width, top: y - 10, bottom: y + 3 });
    }
    for (const child of node.children) visit(child, anchor);
  };
  visit(root, 'start');
  return boxes;
}

/** The pairs of boxes that lie over each other. */
export function overlaps(boxes: readonly TextBox[]): string[] {
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `"${a.content}" over "${b.content}"`),
  );
}
