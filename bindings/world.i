/* SPDX-License-Identifier: Apache-2.0 */
/* world.i: the simulator. */
struct linnet_world {};
%extend linnet_world {
  linnet_world(uint64_t seed);
  ~linnet_world();
  linnet_loop *new_loop();
  linnet_status remove_loop(linnet_loop *loop);
  linnet_status attach(linnet_transport *transport, const char *address);
  linnet_status rebind(linnet_transport *transport, const char *address);
  linnet_status name(const char *name, const char *address);
  linnet_status set(linnet_transport *transport_or_none, linnet_world_trait trait, uint32_t value);
  uint64_t now();
  void set_epoch(int64_t unix_ms);
  uint64_t run(uint64_t until_ms);
  void advance(uint64_t until_ms);
  uint64_t next();
  size_t stored(const linnet_address *address_or_none);
  linnet_status fail_memory(linnet_loop *loop, uint32_t after, uint32_t count);
  void observe(linnet_world_observer observer, void *user, linnet_release release);
  linnet_status keep(linnet_loop *loop, linnet_world_keeper keeper, void *user, linnet_release release);
}
