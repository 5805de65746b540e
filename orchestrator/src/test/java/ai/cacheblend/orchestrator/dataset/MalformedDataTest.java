package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.ByteSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One line each: file, place, field, remedy. */
class MalformedDataTest {
  private static final String GOOD =
      "{\"ctxs\": [{\"text\": \"t\"}], \"question\": \"q\", \"answers\": [\"a\"]}";

  static Stream<Bad> malformed() {
    return Stream.of(
        bad("", "Data file items.json is empty; pass a Parquet, JSON, JSONL or CSV file"),
        bad(" \n", "Data file items.json is empty; pass a Parquet, JSON, JSONL or CSV file"),
        bad("[]", "items.json: no usable items"),
        bad("[1]", "items.json: item 1 (line 1): expected a JSON object per item"),
        bad("{\"ctxs\": ", "items.json: line 1: not JSON", "pass a whole JSON array"),
        bad("[" + GOOD, "items.json: line 1: not JSON", "pass a whole JSON array"),
        bad(GOOD + "\n{oops}", "items.json: line 2: not JSON"),
        bad(
            "{\"foo\": 1, \"bar\": 2}",
            "items.json: item 1 (line 1): the fields [foo, bar] are of no known format",
            "LongBench (input, context, answers)",
            "SAMSum (id, dialogue, summary)"),
        bad(
            "{\"ctxs\": [], \"question\": \"q\", \"answers\": [\"a\"]}",
            "no usable items (1 item left out: field ctxs is empty)"),
        bad(
            "{\"ctxs\": [{\"text\": \"t\"}, {\"title\": \"x\"}], \"question\": \"q\", \"answers\": [\"a\"]}",
            "1 item left out: field ctxs[].text is missing"),
        bad(
            "{\"ctxs\": [{\"text\": 5}], \"question\": \"q\", \"answers\": [\"a\"]}",
            "field ctxs[0].text is 5; expected a text"),
        bad(
            "{\"ctxs\": [{\"text\": \"t\"}], \"question\": \"q\", \"answers\": \"a\"}",
            "field answers is \"a\"; expected a list"),
        bad(
            "{\"ctxs\": [{\"text\": \"t\"}], \"question\": \"q\", \"answers\": [[]]}",
            "field answers is [[]]"),
        bad(
            "{\"ctxs\": [{\"text\": \"t\"}], \"question\": \"q\", \"answers\": [\" \"]}",
            "1 item left out: field answers is empty"),
        bad(
            "{\"input\": \"\", \"context\": \"c\", \"answers\": [\"a\"]}",
            "1 item left out: field input is empty"),
        bad(
            "{\"context\": \"no list\", \"question\": \"q\", \"answer\": \"a\"}",
            "field context is \"no list\"; expected a list of [title, [sentence, ...]]"),
        bad(
            "{\"context\": [[\"t\", \"s\"]], \"question\": \"q\", \"answer\": \"a\"}",
            "field context[0] is [\"t\",\"s\"]"),
        bad(
            "{\"context\": [[\"t\", [\"s\"]]], \"question\": \"q\"}",
            "1 item left out: field answer is missing"),
        bad(
            "{\"paragraphs\": [{\"title\": \"t\"}], \"question\": \"q\", \"answer\": \"a\"}",
            "1 item left out: field paragraphs[].paragraph_text is missing"),
        bad(
            "{\"dialogue\": \"d\"}{\"dialogue\": \"e\"}",
            "no usable items (2 items left out: field summary is missing)"),
        bad(
            "{\"dialogue\": \"d\", \"summary\": \"s\"}",
            "items.json holds one usable dialogue; examples are drawn from the others"),
        bad("a,b\n1,2\n", "line 1: neither JSON nor a CSV header with the columns"),
        bad(
            "id,dialogue,summary\n1,x\n",
            "items.json: item 1 (line 2): 2 values where the header has 3 columns"),
        bad(
            "id,dialogue,summary\n1,\"a\nb\",s\n2,\"open,s\n",
            "items.json: line 5: the quote opened at line 4 is never closed"),
        bad("id,dialogue,summary\n1,\"a\"b,s\n", "items.json: line 2: text after a closing quote"),
        bad("PAR1\u0001", "is a Parquet file in an archive; unpack it"),
        bad("PK\u0003\u0004", "is a ZIP archive; unpack it"),
        bad("7z\u0001", "is a 7z archive"),
        bad("ARROW1", "is an Arrow file"));
  }

  record Bad(String content, List<String> expected) {}

  private static Bad bad(String content, String... expected) {
    return new Bad(content, List.of(expected));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void errorsAreReportedInOneLine(Bad bad) {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> new TextData(bad.content()).load(DatasetOptions.samples(100)))
        .satisfies(e -> assertThat(e.getMessage()).contains(bad.expected()).doesNotContain("\n"));
  }

  @Test
  void rejectsInvalidUtf8() {
    byte[] latin1 = "id,dialogue,summary\n1,caf\u00e9,s\n".getBytes(StandardCharsets.ISO_8859_1);

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> TextData.load(ByteSource.wrap(latin1), DatasetOptions.samples(1)))
        .withMessageContaining("items.json: neither JSON nor text in UTF-8");
  }

  @Test
  void unknownNameListsTheKnownNames() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> Datasets.load("narrativeqa", DatasetOptions.samples(1), Map.of()))
        .withMessage(
            "dataset is narrativeqa, which is neither a file nor a known name; use a file, a repository ORGANISATION/NAME of the Hub, or one of 2wikimqa, samsum, musique, hotpotqa, multi_news, pocketwiki, pocketchat, pocketretrieval, pocketretrieval-4k");
  }

  @Test
  void itemsAfterTheSampleLimitAreNotRead() {
    QualityTask task =
        new TextData(GOOD + "\n" + GOOD + "\n{oops}").load(DatasetOptions.samples(2));

    assertThat(task.samples()).hasSize(2);
  }
}
