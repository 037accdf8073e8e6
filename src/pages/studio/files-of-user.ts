import { element, type Attributes } from '../kit/browser/elements.ts';

/** Hands a file to the user's downloads. */
export function download(name: string, bytes: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A hidden control that asks for files; a button of the page clicks it. */
export function fileInput(attributes: Attributes, take: (files: FileList) => void): HTMLInputElement {
  const input = element('input', {
    type: 'file',
    hidden: true,
    tabindex: -1,
    'aria-hidden': 'true',
    ...attributes,
    onchange() {
      if (input.files?.length) take(input.files);
      input.value = '';
    },
  });
  return input;
}
