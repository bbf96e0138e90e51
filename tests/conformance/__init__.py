# SPDX-License-Identifier: Apache-2.0
"""The interoperability cases of docs/spec/ets-1.0.yaml. Nothing in here but ``device`` uses linnet."""
