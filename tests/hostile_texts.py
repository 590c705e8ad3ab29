"""What somebody writes in a field to make the page of another act: each payload leaves a mark.

A script that runs sets `window.hostile`; an element that is made carries `data-hostile`. Written
from the classes of advisories on stored scripts: Markdown, images, SVG, tables, attributes,
addresses, mutations, templates, ends of blocks.
"""

from __future__ import annotations

RUN = "window.hostile=1"
PAYLOADS = (
    f"<script data-hostile>{RUN}</script>",
    f"</title></textarea></style></script><script data-hostile>{RUN}</script>",
    f'"><img data-hostile src=x onerror="{RUN}">',
    f"'><img data-hostile src=x onerror='{RUN}'>",
    f'" data-hostile autofocus onfocus="{RUN}" x="',
    f"' data-hostile onmouseover='{RUN}' x='",
    f"` data-hostile onmouseover=`{RUN}",
    f'<svg data-hostile onload="{RUN}"><animate onbegin="{RUN}" attributeName=x></svg>',
    f'<svg data-hostile><a xlink:href="javascript:{RUN}"><text>ici</text></a></svg>',
    f'<math><mtext><table><mglyph><style><!--</style><img data-hostile src=x onerror="{RUN}">',
    f'<noscript><p title="</noscript><img data-hostile src=x onerror={RUN}>">',
    f'<iframe data-hostile srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<object data-hostile data="data:text/html,<script>{RUN}</script>"></object>',
    f'<details data-hostile open ontoggle="{RUN}">',
    f'<a data-hostile href="javascript:{RUN}">ici</a>',
    f'<a data-hostile href="jav&#x09;ascript:{RUN}">ici</a>',
    '<form data-hostile action="https://ailleurs.example/"><button>ici</button></form>',
    '<meta data-hostile http-equiv="refresh" content="0;url=https://ailleurs.example/">',
    '<base data-hostile href="https://ailleurs.example/">',
    '<link data-hostile rel=stylesheet href="https://ailleurs.example/x.css">',
    '<style data-hostile>@import "https://ailleurs.example/x.css";</style>',
    '<img data-hostile src="https://ailleurs.example/vu.gif">',
    f"]]><script data-hostile>{RUN}</script><![CDATA[",
    f"--><script data-hostile>{RUN}</script><!--",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e \u2028 \u2029",
    f"%3Cscript data-hostile%3E{RUN}%3C/script%3E",
    f"&lt;script data-hostile&gt;{RUN}&lt;/script&gt;",
    "{{ 7 * 7 }} {% raise %} ${7*7} #{7*7} <%= 7*7 %>",
)
MARKDOWN = (
    f"[ici](javascript:{RUN})",
    f"[ici](JaVaScRiPt&colon;{RUN})",
    f"[ici](data:text/html;base64,PHNjcmlwdD4=)\n[ici](vbscript:{RUN})",
    f"<javascript:{RUN}>",
    f'![image](x" onerror="{RUN}" data-hostile=")',
    f'[ici](https://exemple.fr/" onmouseover="{RUN}" data-hostile=")',
    "![suivi](https://ailleurs.example/vu.gif)",
    f"[ref]\n\n[ref]: javascript:{RUN}",
    f"| a | b |\n|---|---|\n| <td onclick={RUN} data-hostile> | [x](javascript:{RUN}) |",
    f"```html\n</code></pre><script data-hostile>{RUN}</script>\n```",
)
ADDRESSES = (
    f"javascript:{RUN}//https://exemple.fr/a.csv",
    f"data:text/html,<script>{RUN}</script>",
    f'https://exemple.fr/"><img data-hostile src=x onerror={RUN}>.csv',
    f"https://exemple.fr/' onmouseover='{RUN}' data-hostile='.csv",
)
LINE = " ".join(PAYLOADS)
TEXT = "\n\n".join((*PAYLOADS, *MARKDOWN))


def lines(limit: int) -> list[str]:
    """The corpus in lines of so many characters at most, for fields that hold no more."""
    found = [""]
    for each in PAYLOADS:
        if len(found[-1]) + len(each) >= limit:
            found.append("")
        found[-1] = f"{found[-1]} {each}".strip()
    return found
