package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Items without usable text are left out and counted, by reason; the others are used. */
final class LeftOutItemsTest {
  private static final String QUESTION =
      "{'id': 'good', 'ctxs': [{'text': 't'}], 'question': 'q', 'answers': ['a']}";
  private static final String DIALOGUES =
      "{'id': 'good', 'dialogue': 'd', 'summary': 's'}{'id': 'good2', 'dialogue': 'e', 'summary': 's'}";

  static Stream<Arguments> files() {
    return Stream.of(
        file(
            QUESTION,
            "{'ctxs': [{'text': null}], 'question': 'q', 'answers': ['a']}",
            "1 item left out: field ctxs[].text is null"),
        file(
            QUESTION,
            "{'ctxs': null, 'question': 'q', 'answers': ['a']}"
                + "{'ctxs': null, 'question': 'q', 'answers': ['a']}",
            "2 items left out: field ctxs is null"),
        file(
            QUESTION,
            "{'ctxs': [{'text': 't'}], 'question': ' ', 'answers': ['a']}",
            "1 item left out: field question is empty"),
        file(
            QUESTION,
            "{'ctxs': [{'text': 't'}], 'question': 'q', 'answers': [null, ' ']}",
            "1 item left out: field answers is empty"),
        file(
            QUESTION,
            "{'ctxs': [{'text': 't'}], 'question': 'q'}",
            "1 item left out: field answers is missing"),
        file(
            DIALOGUES,
            "{'id': '2', 'dialogue': null, 'summary': 'Nothing was said.'}",
            "1 item left out: field dialogue is null"),
        file(
            DIALOGUES,
            "{'id': '2', 'dialogue': 'x', 'summary': null}",
            "1 item left out: field summary is null"),
        file(
            "{'_id': 'good', 'context': [['t', ['s']]], 'question': 'q', 'answer': 'a'}",
            "{'_id': 'x', 'context': [['t', [null]]], 'question': 'q', 'answer': 'a'}",
            "1 item left out: field context[] has no text"),
        file(
            "{'_id': 'good', 'context': [['t', ['s']]], 'question': 'q', 'answer': 'a'}",
            "{'_id': 'x', 'context': null, 'question': 'q', 'answer': 'a'}",
            "1 item left out: field context is null"),
        file(
            "{'_id': 'good', 'context': 'c', 'input': 'i', 'answers': ['a']}",
            "{'_id': 'x', 'context': null, 'input': 'i', 'answers': ['a']}",
            "1 item left out: field context is null"),
        file(
            "{'id': 'good', 'paragraphs': [{'paragraph_text': 't'}], 'question': 'q', 'answer': 'a',"
                + " 'answer_aliases': [null]}",
            "{'id': 'x', 'paragraphs': [{'paragraph_text': null}], 'question': 'q', 'answer': 'a'}",
            "1 item left out: field paragraphs[].paragraph_text is null"));
  }

  private static Arguments file(String good, String bad, String note) {
    return Arguments.of(good.replace('\'', '"'), bad.replace('\'', '"'), note);
  }

  @ParameterizedTest
  @MethodSource("files")
  void skippedItemsAreCountedAtAnyPosition(String good, String bad, String note) {
    for (String content : List.of(good + bad, bad + good)) {
      QualityTask task = new TextData(content).load(DatasetOptions.samples(10));

      assertThat(task.samples())
          .extracting(QualitySample::id)
          .allMatch(id -> id.startsWith("good"));
      assertThat(task.notes()).filteredOn(line -> line.contains("left out")).containsExactly(note);
    }
  }
}
