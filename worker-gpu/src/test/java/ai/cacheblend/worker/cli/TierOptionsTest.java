package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvEncoding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class TierOptionsTest {
  private static final Path DIR = Path.of("chunks");

  @Test
  void noTiersByDefault() {
    assertThat(TierOptions.of(null, null, null, Optional.empty(), "through", "native", "load"))
        .isEqualTo(TierOptions.NONE);
  }

  @Test
  void diskHasHostMemoryByDefault() {
    assertThat(
            TierOptions.of(null, DIR, new ByteCount(5), Optional.empty(), "back", "native", "auto"))
        .isEqualTo(
            new TierOptions(
                1 << 30,
                Optional.of(new TierOptions.Disk(DIR, 5)),
                Optional.empty(),
                WritePolicy.BACK,
                KvEncoding.NATIVE,
                LoadPolicy.AUTO));
  }

  @Test
  void invalidOptionsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TierOptions.of(null, DIR, null, Optional.empty(), "through", "native", "load"))
        .withMessageContaining("add it, for example --disk-size 200g");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierOptions.of(
                    null, null, new ByteCount(5), Optional.empty(), "through", "native", "load"))
        .withMessageContaining("add --disk DIR");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierOptions.of(
                    new ByteCount(0),
                    DIR,
                    new ByteCount(5),
                    Optional.empty(),
                    "through",
                    "native",
                    "load"))
        .withMessageStartingWith("--host-memory is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierOptions.of(
                    null, DIR, new ByteCount(0), Optional.empty(), "through", "native", "load"))
        .withMessageStartingWith("--disk-size is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierOptions.of(
                    null, null, null, Optional.empty(), "through", "native", "sometimes"))
        .withMessage("--tier-policy is sometimes; set it to load or auto");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TierOptions.of(null, null, null, Optional.empty(), "never", "native", "load"))
        .withMessage("--tier-write is never; set it to through or back");
    ByteCount host = new ByteCount(1 << 20);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TierOptions.of(host, null, null, Optional.empty(), "through", "FP8", "load"))
        .withMessage("--tier-kv is FP8; set it to native, fp8 or int8");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TierOptions.of(null, null, null, Optional.empty(), "through", "fp8", "load"))
        .withMessage(
            "--tier-kv is fp8, but there is no tier; add --host-memory, --disk or --store");
  }

  @Test
  void storeHasItsOptionsAndHostMemoryToPassThrough() {
    StoreArguments arguments = new StoreArguments();
    CommandLine.populateCommand(
        arguments, "--store=rediss://ada@host:7000/2", "--store-ca=ca.pem", "--store-timeout=50");

    TierOptions tiers =
        TierOptions.of(null, null, null, arguments.options(), "through", "native", "load");

    assertThat(tiers.hostByteCount()).isEqualTo(1 << 30);
    StoreOptions store = tiers.store().orElseThrow();
    assertThat(store.address()).hasToString("rediss://host:7000");
    assertThat(store.authority()).contains(Path.of("ca.pem"));
    assertThat(store.timeout()).isEqualTo(Duration.ofMillis(50));
    assertThat(store.lookupTimeout()).isEqualTo(Duration.ofMillis(50));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TierOptions.of(
                    new ByteCount(0), null, null, arguments.options(), "through", "native", "load"))
        .withMessageContaining("chunks of --store pass through it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--store-ca=f | are given without --store",
        "--store=host | the address of the store is not redis://",
        "--store=redis://host --store-ca=f | which has no TLS; use rediss://",
        "--store=redis://host --store-timeout=0 | set it to 1ms or more",
      })
  void refusesOptionsThatDoNotFitTogether(String options, String message) {
    StoreArguments arguments = new StoreArguments();
    CommandLine.populateCommand(arguments, options.split(" "));

    assertThatIllegalArgumentException()
        .isThrownBy(arguments::options)
        .withMessageContaining(message);
  }
}
