package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** LongBench: one text per item, which is split into passages or example dialogues. */
final class LongBenchFormat implements ItemFormat {
  private static final Pattern PASSAGE =
      Pattern.compile("^Passage (\\d+):[ \\t]*\\R", Pattern.MULTILINE);
  private static final Pattern DIALOGUE = Pattern.compile("^Dialogue:", Pattern.MULTILINE);
  private static final String SUMMARY = "Summary:";

  @Override
  public String description() {
    return "LongBench (input, context, answers)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("context") && fields.has("input");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    // LongBench-E, with prompts of three lengths, has names that end in _e.
    return Optional.of(fields.path("dataset").asText().replaceFirst("_e$", ""))
        .filter(name -> !name.isEmpty());
  }

  @Override
  public Item read(DataRecord record) {
    String context = record.text("context").replace("\r\n", "\n");
    boolean news = record.fields().path("dataset").asText().startsWith("multi_news");
    String input =
        (news ? record.textOrEmpty(record.fields(), "input", "input") : record.text("input"))
            .replace("\r\n", "\n")
            .strip();
    boolean examples = context.startsWith("Dialogue:") && input.startsWith("Dialogue:");
    return new Item.Question(
        record.id("_id"),
        examples ? examples(context) : passages(context, !news),
        examples && !input.endsWith(SUMMARY) ? input + "\n" + SUMMARY : input,
        References.of(record, "answers"),
        record.textOrEmpty(record.fields(), "dataset", "dataset"));
  }

  private static List<Item.Document> examples(String context) {
    List<Integer> starts = new ArrayList<>();
    DIALOGUE.matcher(context).results().forEach(match -> starts.add(match.start()));
    starts.add(context.length());
    List<Item.Document> documents = new ArrayList<>();
    for (int i = 0; i + 1 < starts.size(); i++) {
      documents.add(
          new Item.Document(
              Optional.empty(), context.substring(starts.get(i), starts.get(i + 1)).strip()));
    }
    return documents;
  }

  /**
   * Splits at passage headings with consecutive numbers; a passage may contain such a line itself.
   * Without headings the text is one document.
   *
   * @param titled whether the first line of a passage is its title
   */
  private static List<Item.Document> passages(String context, boolean titled) {
    List<Item.Document> documents = new ArrayList<>();
    Matcher matcher = PASSAGE.matcher(context);
    int expected = 1;
    int bodyStart = 0;
    while (matcher.find()) {
      if (!matcher.group(1).equals(Integer.toString(expected))) {
        continue;
      }
      addPassage(documents, context.substring(bodyStart, matcher.start()), titled && expected > 1);
      bodyStart = matcher.end();
      expected++;
    }
    addPassage(documents, context.substring(bodyStart), titled && expected > 1);
    return documents;
  }

  private static void addPassage(List<Item.Document> documents, String body, boolean titled) {
    String passage = body.strip();
    int titleEnd = titled ? passage.indexOf('\n') : -1;
    if (titleEnd >= 0) {
      documents.add(
          new Item.Document(
              Optional.of(passage.substring(0, titleEnd).strip()),
              passage.substring(titleEnd).strip()));
    } else if (!passage.isEmpty()) {
      documents.add(new Item.Document(Optional.empty(), passage));
    }
  }
}
