package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.util.List;
import java.util.Optional;

/** Multi-News: articles in one text, with a separator between them, and their summary. */
final class MultiNewsFormat implements ItemFormat {
  private static final Splitter ARTICLES = Splitter.on("|||||").trimResults().omitEmptyStrings();

  @Override
  public String description() {
    return "Multi-News (document, summary)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("document") && fields.has("summary");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    return Optional.of("multi_news");
  }

  @Override
  public Item read(DataRecord record) {
    List<Item.Document> articles =
        ARTICLES
            .splitToStream(record.text("document").replace("\r\n", "\n"))
            .map(text -> new Item.Document(Optional.empty(), text))
            .toList();
    if (articles.isEmpty()) {
      throw new UnusableItemException("field document is empty");
    }
    // There is no question: the template has the instruction.
    return new Item.Question(
        record.id("id"), articles, "", List.of(record.text("summary").strip()), "");
  }
}
