package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {

  private static final Repository DATA = Repository.dataset("THUDM/LongBench");

  @Test
  void addressesAreThoseOfTheHub() {
    Endpoint hub = Endpoint.parse("");
    assertThat(hub.commit(DATA, new Revision("refs/pr/1")))
        .hasToString("https://huggingface.co/api/datasets/THUDM/LongBench/revision/refs%2Fpr%2F1");
    assertThat(hub.tree(Repository.model("gpt2"), "abc"))
        .hasToString("https://huggingface.co/api/models/gpt2/tree/abc?recursive=true");
    assertThat(hub.file(DATA, "abc", "a/b c.json"))
        .hasToString("https://huggingface.co/datasets/THUDM/LongBench/resolve/abc/a/b%20c.json");
    assertThat(hub.page(Repository.model("a/b"))).isEqualTo("https://huggingface.co/a/b");
  }

  @Test
  void aMirrorMayHaveAPath() {
    Endpoint mirror = Endpoint.parse("http://mirror:8080/hf//");
    assertThat(mirror.file(Repository.model("a/b"), "c", "d"))
        .hasToString("http://mirror:8080/hf/a/b/resolve/c/d");
    assertThat(mirror.onThisServer(URI.create("https://huggingface.co/api/x?cursor=1")))
        .hasToString("http://mirror:8080/hf/api/x?cursor=1");
    assertThat(mirror.onThisServer(URI.create("https://other.org/api")))
        .hasToString("https://other.org/api");
  }

  @ParameterizedTest
  @CsvSource({
    "https://huggingface.co/x, true",
    "https://HuggingFace.co:443/x, true",
    "http://huggingface.co/x, false",
    "https://huggingface.co:444/x, false",
    "https://cdn.huggingface.co/x, false",
    "https://huggingface.co.evil.org/x, false",
    "https://huggingface.co@evil.org/x, false",
    "https://hf.co/x, false"
  })
  void theTokenIsForOneOrigin(String uri, boolean same) {
    assertThat(Endpoint.parse("https://huggingface.co").isOriginOf(URI.create(uri)))
        .isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(strings = {"huggingface.co", "ftp://a/", "http://", "http://a b"})
  void refusesOtherEndpoints(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse(text))
        .withMessage(
            "HF_ENDPOINT is '" + text + "'; set it to a URL such as https://huggingface.co");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://user:secret@a", "http://user:secret word@a"})
  void anEndpointWithAPasswordIsRefusedWithoutPrintingIt(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse(text))
        .withMessage(
            "HF_ENDPOINT is not a URL without user and password; set it to a URL such as https://huggingface.co")
        .withNoCause();
  }
}
