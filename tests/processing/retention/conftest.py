from tests.cast import outsider, own_keys, own_stores, owner, visitor

__all__ = ["outsider", "own_keys", "own_stores", "owner", "visitor"]
