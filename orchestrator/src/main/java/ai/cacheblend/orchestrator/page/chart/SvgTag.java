package ai.cacheblend.orchestrator.page.chart;

import j2html.tags.ContainerTag;

/** An SVG element; its content is escaped. */
public final class SvgTag extends ContainerTag<SvgTag> {
  SvgTag(String name) {
    super(name);
  }

  /** A tooltip. */
  SvgTag hint(String text) {
    return with(new SvgTag("title").withText(text));
  }
}
