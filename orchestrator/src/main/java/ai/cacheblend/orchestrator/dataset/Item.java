package ai.cacheblend.orchestrator.dataset;

import java.util.List;
import java.util.Optional;

/** One item of a data set, before it is made into a prompt. */
sealed interface Item {
  String id();

  /** A question on documents, or a query after examples. */
  record Question(
      String id, List<Document> documents, String question, List<String> references, String type)
      implements Item {
    public Question {
      documents = List.copyOf(documents);
      references = List.copyOf(references);
    }
  }

  /** A dialogue to summarise, and a possible example for other dialogues. */
  record Dialogue(String id, String dialogue, String summary) implements Item {}

  /**
   * A passage.
   *
   * @param title empty text: the data has an empty title
   * @param supporting whether the data names it as one that the answer needs
   */
  record Document(Optional<String> title, String text, boolean supporting) {
    Document(Optional<String> title, String text) {
      this(title, text, false);
    }
  }
}
