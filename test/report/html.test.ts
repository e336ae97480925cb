import { describe, expect, it } from 'vitest';
import { html, jsonForScript, trusted } from '../../src/report/html.js';

describe('html', () => {
  it('escapes text and leaves what is HTML already', () => {
    const inner = html`<b>${'a < b & "c"'}</b>`;
    expect(html`<p title="${"it's"}">${inner}${[inner, '<']}${trusted('<hr>')}</p>`.text).toBe(
      '<p title="it&#39;s"><b>a &lt; b &amp; &quot;c&quot;</b><b>a &lt; b &amp; &quot;c&quot;</b>&lt;<hr></p>',
    );
  });

  it('leaves nothing for null, undefined and false, but keeps zero', () => {
    expect(html`[${null}${undefined}${false}${0}]`.text).toBe('[0]');
  });

  it('shows control and direction characters instead of obeying them', () => {
    expect(html`${'a\u0000b\u001b[31mc\u202ed\u2066e\n\t'}`.text).toBe(
      'a\ufffdb\ufffd[31mc\ufffdd\ufffde\n\t',
    );
  });
});

describe('jsonForScript', () => {
  it('cannot end its script block and reads back the same', () => {
    const value = { text: '</script><!--<script>&\u2028\u2029 ]]>', list: [1, null] };
    const { text } = jsonForScript(value);
    expect(text).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
