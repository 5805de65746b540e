package ai.cacheblend.orchestrator.page.chart;

/**
 * Makes rendered HTML and SVG safe to show: control characters of data become visible, so that they
 * cannot reorder text, end an XML document or reach a terminal. j2html escapes the markup
 * characters of all text and attributes before.
 */
public final class Markup {
  private static final int CONTROL_PICTURES = 0x2400;
  private static final char DELETE_PICTURE = '\u2421';
  private static final char REPLACEMENT = '\ufffd';

  private Markup() {}

  /** {@code rendered} with visible symbols instead of control characters. */
  public static String clean(String rendered) {
    StringBuilder text = new StringBuilder(rendered.length());
    rendered.codePoints().forEach(point -> text.appendCodePoint(visible(point)));
    return text.toString();
  }

  private static int visible(int point) {
    if (point == '\n' || point == '\t') {
      return point;
    }
    if (point < ' ') {
      return CONTROL_PICTURES + point;
    }
    if (point == 0x7f) {
      return DELETE_PICTURE;
    }
    return isControl(point) || reorders(point) || isNoCharacter(point) ? REPLACEMENT : point;
  }

  private static boolean isControl(int point) {
    return point >= 0x80 && point < 0xa0;
  }

  /** Bidirectional embeddings, overrides, isolates and marks. */
  private static boolean reorders(int point) {
    return (point >= 0x202a && point <= 0x202e)
        || (point >= 0x2066 && point <= 0x2069)
        || point == 0x200e
        || point == 0x200f
        || point == 0x061c;
  }

  private static boolean isNoCharacter(int point) {
    return (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
        || (point & 0xfffe) == 0xfffe
        || (point >= 0xfdd0 && point <= 0xfdef);
  }
}
