package ai.cacheblend.orchestrator.page;

import static ai.cacheblend.orchestrator.page.chart.Numbers.text;
import static j2html.TagCreator.div;
import static j2html.TagCreator.mark;
import static j2html.TagCreator.span;

import ai.cacheblend.orchestrator.records.Example;
import j2html.TagCreator;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.MarkTag;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The text of a prompt with the tokens that an arm recomputes highlighted. */
final class TokenMap {
  private final Example.Selection selection;
  private final Set<Integer> active;
  private final DivTag map;

  private TokenMap(Example.Selection selection, String colorClass) {
    this.selection = selection;
    this.active = new HashSet<>(selection.activePositions());
    this.map = div().withClass("map " + colorClass);
  }

  static DivTag of(Example example, Example.Selection selection, String colorClass) {
    TokenMap tokens = new TokenMap(selection, colorClass);
    int position = 0;
    int chunk = 0;
    for (Example.Segment segment : example.segments()) {
      if (segment.cached()) {
        chunk++;
        tokens.map.with(
            span(Integer.toString(chunk)).withClass("chunk").withTitle("chunk " + chunk));
        tokens.chunk(segment.pieces(), position);
      } else {
        tokens.map.with(span(String.join("", segment.pieces())).withClass("fresh"));
      }
      position += segment.pieces().size();
    }
    return tokens.map;
  }

  private void chunk(List<String> pieces, int first) {
    StringBuilder reused = new StringBuilder();
    for (int i = 0; i < pieces.size(); i++) {
      int position = first + i;
      if (active.contains(position)) {
        map.with(TagCreator.text(reused.toString()));
        reused.setLength(0);
        map.with(recomputed(pieces.get(i), position));
      } else {
        reused.append(pieces.get(i));
      }
    }
    map.with(TagCreator.text(reused.toString()));
  }

  private MarkTag recomputed(String piece, int position) {
    Double score = selection.scores().get(position);
    return mark(piece)
        .withTitle("position " + position + (score == null ? "" : text(", deviation %.3g", score)));
  }
}
