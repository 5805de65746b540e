package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.Placeholders;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/** Makes prompts from items by a template; counts what does not fit. */
final class PromptBuilder {
  private final PromptTemplate template;
  private final OptionalInt maxCharacters;
  private int tooLongCount;

  PromptBuilder(PromptTemplate template, OptionalInt maxCharacters) {
    this.template = template;
    this.maxCharacters = maxCharacters;
  }

  /** Items too long for a prompt with even one document. */
  int tooLongCount() {
    return tooLongCount;
  }

  /**
   * Draws examples for each dialogue from a pool of others, independently of the number of prompts.
   */
  static List<Item.Question> fewShot(
      List<Item.Dialogue> dialogues,
      List<Item.Dialogue> pool,
      PromptTemplate.FewShot fewShot,
      long seed) {
    SplittableRandom seeds = new SplittableRandom(seed);
    List<Item.Question> questions = new ArrayList<>();
    for (Item.Dialogue item : dialogues) {
      List<Item.Document> examples = new ArrayList<>();
      for (int index : distinct(pool.size(), fewShot.count(), seeds.split())) {
        examples.add(example(pool.get(index), fewShot));
      }
      questions.add(question(item, examples, fewShot));
    }
    return questions;
  }

  private static Item.Document example(Item.Dialogue dialogue, PromptTemplate.FewShot fewShot) {
    Map<String, String> values =
        Map.of("dialogue", dialogue.dialogue(), "summary", dialogue.summary());
    return new Item.Document(Optional.empty(), Placeholders.fill(fewShot.example(), values));
  }

  private static Item.Question question(
      Item.Dialogue item, List<Item.Document> examples, PromptTemplate.FewShot fewShot) {
    String query = Placeholders.fill(fewShot.query(), Map.of("dialogue", item.dialogue()));
    return new Item.Question(item.id(), examples, query, List.of(item.summary()), "");
  }

  /**
   * Up to {@code count} distinct numbers below {@code size}, in the order in which they are drawn.
   */
  private static Set<Integer> distinct(int size, int count, SplittableRandom random) {
    Set<Integer> numbers = new LinkedHashSet<>();
    while (numbers.size() < Math.min(count, size)) {
      numbers.add(random.nextInt(size));
    }
    return numbers;
  }

  /** A document in the form of the template. */
  private record Passage(String text, boolean supporting) {}

  /** The prompt of an item; empty if it cannot be made short enough. */
  Optional<QualitySample> build(Item.Question item) {
    String prefix = template.start() + template.prefix();
    String question = Placeholders.fill(template.question(), questionValues(item)) + template.end();
    List<Passage> documents = new ArrayList<>();
    for (Item.Document document : item.documents()) {
      Map<String, String> values = new HashMap<>();
      document.title().ifPresent(title -> values.put("title", title));
      values.put("text", document.text());
      values.put("number", Integer.toString(documents.size() + 1));
      String text = Placeholders.fill(template.document(), values);
      documents.add(new Passage(text, document.supporting()));
    }
    int before = documents.size();
    dropMiddle(documents, prefix.length() + question.length());
    if (documents.isEmpty()) {
      tooLongCount++;
      return Optional.empty();
    }
    List<PromptPart> parts = new ArrayList<>();
    if (!prefix.isEmpty()) {
      parts.add(new PromptPart(prefix, true));
    }
    Set<Integer> supporting = new HashSet<>();
    for (Passage document : documents) {
      if (document.supporting) {
        supporting.add(parts.size());
      }
      parts.add(new PromptPart(document.text, true));
    }
    parts.add(new PromptPart(question, false));
    return Optional.of(
        new QualitySample(
            item.id(),
            item.question(),
            parts,
            supporting,
            item.references(),
            item.type(),
            before - documents.size()));
  }

  /** Instruction templates have items without a question. */
  private static Map<String, String> questionValues(Item.Question item) {
    return item.question().isEmpty()
        ? Map.of()
        : Map.of("question", item.question(), "query", query(item.question()));
  }

  /** As the prompts of the CacheBlend repository have it. */
  private static String query(String question) {
    String text = question.strip();
    if (text.isEmpty()) {
      return text;
    }
    String lower = text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    return lower.endsWith("?") ? lower : lower + "?";
  }

  private void dropMiddle(List<Passage> documents, int otherCharacters) {
    if (maxCharacters.isEmpty()) {
      return;
    }
    long total =
        otherCharacters + documents.stream().mapToLong(document -> document.text.length()).sum();
    while (total > maxCharacters.getAsInt() && !documents.isEmpty()) {
      total -= documents.remove(documents.size() / 2).text.length();
    }
  }
}
