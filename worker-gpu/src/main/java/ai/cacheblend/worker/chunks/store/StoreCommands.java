package ai.cacheblend.worker.chunks.store;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.ByteArrayOutput;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** The commands that the tier sends, on a set of connections. */
final class StoreCommands {
  private final List<StatefulRedisConnection<String, LayerBytes>> connections;

  StoreCommands(List<StatefulRedisConnection<String, LayerBytes>> connections) {
    this.connections = connections;
  }

  CompletableFuture<Boolean> exists(String name) {
    return flag(CommandType.EXISTS, arguments(name));
  }

  /** A small field; null if there is none. */
  CompletableFuture<byte[]> field(String name, String field) {
    return send(
        0,
        CommandType.HGET,
        new ByteArrayOutput<>(StoreCodec.INSTANCE),
        arguments(name).add(field));
  }

  /** Reads a field into memory; the result is its size, empty if there is none. */
  CompletableFuture<OptionalInt> readLayer(String name, int layer, LayerBytes into) {
    return send(
        layer,
        CommandType.HGET,
        new LayerOutput(into),
        arguments(name).add(Integer.toString(layer)));
  }

  CompletableFuture<Boolean> writeField(int turn, String name, String field, LayerBytes value) {
    return send(
            turn,
            CommandType.HSET,
            new IntegerOutput<>(StoreCodec.INSTANCE),
            arguments(name).add(field).addValue(value))
        .thenApply(added -> true);
  }

  CompletableFuture<Boolean> expire(String name, int seconds) {
    return flag(CommandType.EXPIRE, arguments(name).add(seconds));
  }

  CompletableFuture<Boolean> persist(String name) {
    return flag(CommandType.PERSIST, arguments(name));
  }

  /** False if the new name is in use. */
  CompletableFuture<Boolean> rename(String name, String newName) {
    return flag(CommandType.RENAMENX, arguments(name).addKey(newName));
  }

  CompletableFuture<Boolean> remove(String name) {
    return flag(CommandType.UNLINK, arguments(name));
  }

  /** Removes all names that match a pattern. */
  CompletableFuture<Boolean> removeAll(String pattern) {
    return removeFrom(ScanCursor.INITIAL, ScanArgs.Builder.matches(pattern).limit(1000));
  }

  private CompletableFuture<Boolean> removeFrom(ScanCursor cursor, ScanArgs page) {
    RedisAsyncCommands<String, LayerBytes> first = connections.get(0).async();
    return first
        .scan(cursor, page)
        .thenCompose(
            found ->
                found.getKeys().isEmpty()
                    ? CompletableFuture.completedFuture(found)
                    : first
                        .unlink(found.getKeys().toArray(String[]::new))
                        .thenApply(removed -> found))
        .thenCompose(
            found ->
                found.isFinished()
                    ? CompletableFuture.completedFuture(true)
                    : removeFrom(found, page))
        .toCompletableFuture();
  }

  private CompletableFuture<Boolean> flag(
      CommandType type, CommandArgs<String, LayerBytes> arguments) {
    return send(0, type, new IntegerOutput<>(StoreCodec.INSTANCE), arguments)
        .thenApply(count -> count > 0);
  }

  /**
   * @param turn distributes commands over the connections
   */
  private <T> CompletableFuture<T> send(
      int turn,
      CommandType type,
      CommandOutput<String, LayerBytes, T> output,
      CommandArgs<String, LayerBytes> arguments) {
    return connections
        .get(turn % connections.size())
        .async()
        .dispatch(type, output, arguments)
        .toCompletableFuture();
  }

  private static CommandArgs<String, LayerBytes> arguments(String name) {
    return new CommandArgs<>(StoreCodec.INSTANCE).addKey(name);
  }
}
